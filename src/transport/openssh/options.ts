import { execFile } from 'node:child_process';

/** A line of ssh_config; omitted if its text is null. */
export type Option = readonly [keyword: string, text: string | number | null];

/** Apply whatever an ssh_config says. */
export const ALWAYS: readonly Option[] = [
  ['AddKeysToAgent', 'no'],
  ['BatchMode', 'yes'],
  // Else the rest of the files is read for another name than the one that is verified.
  ['CanonicalizeHostname', 'no'],
  ['CheckHostIP', 'no'],
  ['ClearAllForwardings', 'yes'],
  ['Compression', 'no'],
  ['ControlPersist', 'no'],
  ['EscapeChar', 'none'],
  ['ForwardAgent', 'no'],
  ['ForwardX11', 'no'],
  ['GSSAPIDelegateCredentials', 'no'],
  ['NoHostAuthenticationForLocalhost', 'no'],
  ['PermitLocalCommand', 'no'],
  ['RemoteCommand', 'none'],
  ['RequestTTY', 'no'],
  ['Tunnel', 'no'],
  ['UpdateHostKeys', 'no'],
  ['VerifyHostKeyDNS', 'no'],
  ['VisualHostKey', 'no'],
];

/** As {@link ALWAYS}, but not every `ssh` supports them, and an `ssh` ends at an unknown option. */
const SOMETIMES: readonly Option[] = [
  // A program that vouches for host keys; since 8.5.
  ['KnownHostsCommand', 'none'],
  // Since 8.7. In the background it would outlive the command.
  ['ForkAfterAuthentication', 'no'],
  // Kerberos instead of host keys; in the ssh of Debian, Ubuntu and Fedora.
  ['GSSAPIKeyExchange', 'no'],
];

/**
 * The options that always apply, for the `ssh` of this machine. Each is tried, since `IgnoreUnknown` would
 * replace the user's own. One is left out only if ssh says that it is unknown.
 */
export async function optionsOfSsh(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Option[]> {
  const known = await Promise.all(SOMETIMES.map((option) => isKnown(option, env)));
  return [...ALWAYS, ...SOMETIMES.filter((_, at) => known[at])];
}

function isKnown(
  [keyword, text]: Option,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const args = ['-G', '-F', '/dev/null', '-o', `${keyword}=${text}`, '--', 'fleet'];
  const options = { env: { ...env, LC_ALL: 'C' }, timeout: ANSWER_MS };
  return new Promise((resolve) => {
    execFile('ssh', args, options, (error, _stdout, stderr) => {
      resolve(error === null || !/bad configuration option/i.test(stderr));
    });
  });
}

const ANSWER_MS = 10_000;
