import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Job, ToolName } from '../report/results.js';

const FLEET = join(import.meta.dirname, '../../bin/fleet.js');
const peer = (name: string): string => join(import.meta.dirname, '../peers', name);

/** A release as the tools get it: its folder, and the same packed, `<folder>.tgz`. */
export interface Release {
  readonly id: string;
  readonly folder: string;
}

export interface Tool {
  readonly name: ToolName;
  /** Names its releases. */
  readonly id: string;
  /** A minute and more where others take seconds: it gets fewer rounds. */
  readonly slow: boolean;
  readonly version: () => string;
  /** Run in the folder of a scene. */
  readonly argv: (job: Job, release: Release) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * ssh's own default is a post-quantum key exchange, which takes most of the loop's CPU, and ssh2 has
 * none. So the loop is also measured with the key exchange that fleet uses.
 */
const CHEAP_KEX = ['-o', 'KexAlgorithms=ecdh-sha2-nistp256'];

/** Every tool of the comparison, in the order of the tables. */
export const TOOLS: readonly Tool[] = [
  {
    name: 'fleet',
    id: 'fleet',
    slow: false,
    version: () => said(process.execPath, FLEET, '--version'),
    argv: (job, { id, folder }) => [
      ...[process.execPath, FLEET, job, '-g', 'prod', '--yes'],
      ...(job === 'deploy' ? ['--release', id, '--from', folder] : ['--to', id]),
    ],
  },
  { name: 'ssh loop', id: 'loop', slow: false, version: openssh, argv: script('ssh-loop.sh') },
  {
    name: 'ssh loop, cheap kex',
    id: 'cheap',
    slow: false,
    version: openssh,
    argv: (job, release) => [...script('ssh-loop.sh')(job, release), ...CHEAP_KEX],
  },
  {
    name: 'clush',
    id: 'clush',
    slow: false,
    version: debian('clustershell'),
    argv: script('clush.sh'),
  },
  {
    name: 'sshkit',
    id: 'sshkit',
    slow: false,
    version: debian('ruby-sshkit'),
    argv: script('sshkit.rb'),
  },
  {
    name: 'sshkit, one execute',
    id: 'joined',
    slow: false,
    version: debian('ruby-sshkit'),
    argv: (job, release) => [...script('sshkit.rb')(job, release), 'joined'],
  },
  {
    name: 'ansible',
    id: 'ansible',
    slow: true,
    version: debian('ansible-core'),
    argv: playbook,
    env: { ANSIBLE_CONFIG: 'ansible.cfg' },
  },
  {
    name: 'ansible + mitogen',
    id: 'mitogen',
    slow: true,
    version: debian('ansible-mitogen'),
    argv: playbook,
    env: { ANSIBLE_CONFIG: 'mitogen.cfg' },
  },
];

function script(name: string): Tool['argv'] {
  return (job, { id, folder }) => {
    const archive = job === 'deploy' ? `${folder}.tgz` : '/dev/null';
    return [peer(name), 'hosts', 'ssh_config', id, archive];
  };
}

function playbook(job: Job, { id, folder }: Release): readonly string[] {
  const archive = job === 'deploy' ? ['-e', `archive=${folder}.tgz`] : [];
  return ['ansible-playbook', peer('ansible.yml'), '-e', `release=${id}`, ...archive];
}

function debian(name: string): () => string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  return () => said('dpkg-query', '-W', '-f', '${Package} ${Version}', name);
}

function openssh(): string {
  return debian('openssh-client')();
}

function said(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' }).trim();
}
