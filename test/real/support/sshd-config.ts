/** Quick logins, by key only, and as many at once as a test cares to open. */
const LAB_SETTINGS = [
  'HostKey /etc/ssh/ssh_host_ed25519_key',
  'UseDNS no',
  'PasswordAuthentication no',
  'KbdInteractiveAuthentication no',
  'MaxStartups 500:30:1000',
];

/**
 * The lab's sshd settings, save those that a test sets itself. They are left out rather than put
 * last, since sshd takes the first value of most keywords, but the last of MaxStartups.
 */
export function sshdConfigText(own: readonly string[]): string {
  const set = new Set(own.map(keyword));
  return [...own, ...LAB_SETTINGS.filter((line) => !set.has(keyword(line))), ''].join('\n');
}

function keyword(line: string): string {
  return (line.trim().split(/[\s=]/)[0] ?? '').toLowerCase();
}
