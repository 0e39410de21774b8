import type { HostProgram } from './program.js';
import { STEP_EXIT, type Step } from './protocol.js';
import { quote, quoteAll } from './quote.js';

/** What the install bootstrap exits with, besides what the steps after it exit with. */
export const INSTALL_EXIT = { notWritable: 73, notStored: 74 } as const;

// $1 root, $2 sha256; then the program's own arguments. `~/` is the login user's home.
const FIND = `r=$1 p=$2;shift 2;case $r in "~/"*)r=$HOME/\${r#"~/"};;esac;p=$r/.fleet/bin/$p`;

// The program comes on stdin. It is there whole, or not at all: renamed after its sum was checked.
// One line in all, for csh has no words of several.
const INSTALL = [
  `${FIND};umask 022;f=$r/.fleet s=\${p##*/} t=$r/.fleet/bin/.new-$$`,
  `mkdir -p -- "$r"&&{ [ -d "$f" ]||mkdir -m 700 -- "$f"||[ -d "$f" ];}&&mkdir -p -- "$f/bin"||exit ${INSTALL_EXIT.notWritable}`,
  `cat >"$t"&&u=$(sha256sum <"$t")&&[ "\${u%% *}" = "$s" ]&&sync "$t"&&mv -f -- "$t" "$p"||{ rm -f -- "$t";exit ${INSTALL_EXIT.notStored};}`,
  '[ $# -eq 0 ]||exec sh "$p" "$@" </dev/null',
].join(';');

/** The command line that runs steps on a host which has the program; exits 69 where it has not. */
export function runCommand(program: HostProgram, root: string, steps: readonly Step[]): string {
  return presentCommand(program, root, stepWords(root, steps));
}

/**
 * The command line that runs the program for one call, known by `id`, and for those that come on
 * stdin after it; exits 69 where the program is not there.
 */
export function serveCommand(
  program: HostProgram,
  root: string,
  first: { readonly id: number; readonly words: readonly string[] },
): string {
  return presentCommand(program, root, ['serve', String(first.id), ...first.words]);
}

function presentCommand(program: HostProgram, root: string, words: readonly string[]): string {
  const path = `${rootWord(root)}/.fleet/bin/${program.sha256}`;
  // What sh, fish and csh all understand: in csh, an exit after `||` ends nothing.
  return `[ -r ${path} ]&&exec sh ${path} ${quoteAll(words)};exit ${STEP_EXIT.missing}`;
}

/** The root as a word of the login shell, which knows its user's home. */
function rootWord(root: string): string {
  return root.startsWith('~/') ? `"$HOME"/${quote(root.slice(2))}` : quote(root);
}

/** Stores the program, which is to be sent on stdin, and then runs steps that have no payload. */
export function installCommand(program: HostProgram, root: string, steps: readonly Step[]): string {
  return bootstrap(INSTALL, root, program, steps.length === 0 ? [] : stepWords(root, steps));
}

/** Runs steps by the program on stdin, which is stored nowhere. */
export function transientCommand(root: string, steps: readonly Step[]): string {
  return `exec ${quoteAll(['sh', '-s', '--', ...stepWords(root, steps)])}`;
}

function bootstrap(
  script: string,
  root: string,
  program: HostProgram,
  words: readonly string[],
): string {
  // Without exec a login shell that is dash would stay, a process more, and take the signals.
  return `exec ${quoteAll(['sh', '-c', script, 'fleet', root, program.sha256, ...words])}`;
}

/** The program's arguments for one call. */
export function stepWords(root: string, steps: readonly Step[]): readonly string[] {
  const verbs = steps.map((step) => [
    step.verb,
    `root=${root}`,
    ...step.args.map(([key, value]) => `${key}=${value}`),
  ]);
  return ['step', ...verbs.flatMap((words, index) => (index === 0 ? words : ['--', ...words]))];
}
