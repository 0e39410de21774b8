export const VERBS = [
  'facts',
  'claim',
  'adopt',
  'renew',
  'stage',
  'backup',
  'restore',
  'hook',
  'arm',
  'activate',
  'verify',
  'probe',
  'confirm',
  'revert',
  'unclaim',
  'prune',
  'status',
  'manifest',
  'compare',
  'guard',
  'install_guard',
  'remove_guard',
  'log_exec',
] as const;

/** The verbs of the host program: the only way in which anything on a host changes. */
export type Verb = (typeof VERBS)[number];
