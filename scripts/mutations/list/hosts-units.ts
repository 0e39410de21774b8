import type { Mutation } from '../mutation.js';

const PARTS = 'test/host/unit-parts.test.ts';
const BACK = 'test/host/way-back.test.ts';

/** Units that are no plain service, and what systemd does to them that fleet has to reckon with. */
export const HOSTS_UNIT_MUTATIONS: readonly Mutation[] = [
  {
    name: 'verify: what is behind a target',
    protects: 'a target stays active over services that died',
    file: 'src/host/program/steps/60-verify.sh',
    find: '  judge_parts || return 1\n',
    without: '',
    noticedBy: [`${PARTS} > is not well where a service that it wants has died`],
  },
  {
    name: 'way back: a process that was never touched',
    protects: 'a host whose right to restart was lost, and that serves, is not down for good',
    file: 'src/host/program/steps/58-way-back.sh',
    find: 'if each_unit is_untouched; then',
    without: 'if false; then',
    noticedBy: [`${BACK} > is done where no action was possible`],
  },
  {
    name: 'way back: untouched means the very process',
    protects: 'I2: the process of the new release is not taken for that of the old one',
    file: 'src/host/program/steps/58-way-back.sh',
    find: 'process_start "$U_pid" && [ "$START" = "$K_start" ] && same_process\n}',
    without: 'true\n}',
    noticedBy: [`${BACK} > is not done where the process of the new release cannot be stopped`],
  },
  {
    name: 'way back: who took over settles it',
    protects: 'two ways back of one transaction do not judge the restart of the other',
    file: 'src/host/program/steps/70-decide.sh',
    find: '  await_reverter\n',
    without: '',
    noticedBy: [`${BACK} > is left to whoever took it over`],
  },
];
