/** What fleet takes of an ssh_config, by ssh's own keywords in lower case. */
export const HONOURED = [
  'hostname',
  'user',
  'port',
  'identityfile',
  'identitiesonly',
  'identityagent',
  'proxyjump',
  'proxycommand',
  'userknownhostsfile',
  'globalknownhostsfile',
  'revokedhostkeys',
  'hostkeyalias',
  'stricthostkeychecking',
  'connecttimeout',
  'serveraliveinterval',
  'serveralivecountmax',
] as const;

export type Keyword = (typeof HONOURED)[number];

export const isHonoured = (word: string): word is Keyword =>
  HONOURED.some((keyword) => keyword === word);

/**
 * What an ssh_config says for one host: keywords that it sets, with their values. `HostName` is
 * there only where it names another than the host asked for.
 */
export type SshAnswer = ReadonlyMap<Keyword, readonly string[]>;
