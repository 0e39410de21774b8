import type { Mutation } from '../mutation.js';

const MACHINE = 'test/security/machine.test.ts';
const TERMINAL = 'test/security/terminal.test.ts';
const INSPECTOR = 'test/security/inspector.test.ts';
const TRACES = 'test/security/traces.test.ts';

/** The run outlives its surroundings, and what is forced is seen. */
export const SECURITY_LIFE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'output: a terminal is not waited for',
    protects: 'Ctrl-S holds no run until its hosts roll themselves back',
    file: 'src/cli/context/outlet.ts',
    find: '    if (wasReopened(parts.fd)) parts._handle?.setBlocking?.(false);',
    without: '',
    noticedBy: [`${TERMINAL} > that accepts no more, as after Ctrl-S, does not block the run`],
  },
  {
    name: 'state folder: only an absolute one',
    protects: 'two commands in two folders keep each other from the same hosts',
    file: 'src/cli/context/folders.ts',
    find: "  if (isAbsolute(base)) return join(base, 'fleet');",
    without: "  return join(base, 'fleet');",
    noticedBy: [`${MACHINE} > XDG_STATE_HOME that is relative`],
  },
  {
    name: 'inspector: SIGUSR1 is taken',
    protects: 'no account of the machine runs code in fleet',
    file: 'bin/signals.js',
    find: "process.on('SIGUSR1', () => undefined);",
    without: '',
    noticedBy: [`${INSPECTOR} > opens no inspector while a deploy runs`],
  },
  {
    name: 'inspector: what Node opened is shut',
    protects: 'a signal during the start of Node leaves no port open',
    file: 'bin/signals.js',
    find: '    if (url() !== undefined) close();',
    without: '',
    noticedBy: [`${INSPECTOR} > that comes while Node itself starts`],
  },
  {
    name: 'traces: a forced release',
    protects: 'who took a claim by force is seen',
    file: 'src/cli/context/noted.ts',
    find: '  const ended = logAct(',
    without: '  const ended = ((..._: unknown[]) => (_result: unknown) => undefined)(',
    noticedBy: [`${TRACES} > fleet lock release --force`],
  },
  {
    name: 'traces: before the act',
    protects: 'an act whose process is killed has left its line',
    file: 'src/history/act-log.ts',
    find: "  add('begins', { ...act.fields, ...who });",
    without: '',
    noticedBy: [`${TRACES} > before the command runs, on disk`],
  },
  {
    name: 'traces: in the log of the host',
    protects: 'a bastion whose log was edited is not the only one that knows',
    file: 'src/host/steps/signed-steps.ts',
    find: '    VERB_TRAITS[step.verb].signed ? { ...step, args: [...step.args, by] } : step,',
    without: '    step,',
    noticedBy: [`${TRACES} > fleet lock release --force`],
  },
  {
    name: 'traces: no secret where none is wanted',
    protects: 'a variable before a command is no name of a program',
    file: 'src/cli/commands/hosts/exec.ts',
    find: "  return /^[\\w./+-]+$/.test(first) ? first : '-';",
    without: '  return first;',
    noticedBy: [`${TRACES} > without what is secret in it`],
  },
];
