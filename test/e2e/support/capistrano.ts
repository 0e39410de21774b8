import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mustRun } from '../../real/support/command.js';
import type { RealFleet } from '../../real/support/real-fleet.js';
import type { Files } from './shop-app.js';

/** Where Capistrano finds the app. Each host has the repository, so that no server is asked. */
const REPOSITORY = '/srv/shop.git';

/** What a host needs for it. */
export const CAPISTRANO_PACKAGES = ['git'];

/** The real Capistrano of this Debian, with a project that deploys to the hosts of a fleet. */
export class Capistrano {
  /** The project, with its Capfile. */
  readonly dir = mkdtempSync(join(tmpdir(), 'fleet-cap-'));
  readonly #fleet: RealFleet;

  constructor(fleet: RealFleet) {
    this.#fleet = fleet;
    this.#write('Capfile', CAPFILE);
    this.#write('config/deploy.rb', DEPLOY_RB);
    this.#write('config/deploy/lab.rb', stage(fleet));
  }

  /** Deploys these files as a person does: commit, then `cap lab deploy`. Throws what it said. */
  async deploy(files: Files): Promise<void> {
    const repository = join(this.dir, 'repository');
    mkdirSync(repository, { recursive: true });
    const git = (...args: readonly string[]): Promise<string> =>
      mustRun('git', [
        '-C',
        repository,
        '-c',
        'user.name=cap',
        '-c',
        'user.email=cap@localhost',
        ...args,
      ]);
    await git('init', '--quiet', '--initial-branch=main');
    for (const [path, text] of Object.entries(files)) this.#write(`repository/${path}`, text);
    await git('add', '--all', '--chmod=+x');
    await git('commit', '--quiet', '--allow-empty', '--message', 'a release');
    for (const host of this.#fleet.hosts) {
      const place = join(host.rootfs, REPOSITORY);
      rmSync(place, { recursive: true, force: true });
      await mustRun('git', ['clone', '--quiet', '--bare', repository, place]);
      await mustRun('chown', ['-R', '1000:1000', place]);
    }
    const { status, stdout, stderr } = spawnSync('cap', ['lab', 'deploy'], {
      cwd: this.dir,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: this.dir, LANG: 'C.UTF-8' },
      timeout: 120_000,
    });
    if (status !== 0) throw new Error(`cap lab deploy exited with ${status}: ${stdout}\n${stderr}`);
  }

  close(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  #write(path: string, text: string): void {
    mkdirSync(dirname(join(this.dir, path)), { recursive: true });
    writeFileSync(join(this.dir, path), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
}

const CAPFILE = `require 'capistrano/setup'
require 'capistrano/deploy'
require 'capistrano/scm/git'
install_plugin Capistrano::SCM::Git
`;

const DEPLOY_RB = `lock '~> 3.17'
set :application, 'shop'
set :repo_url, 'file://${REPOSITORY}'
set :branch, 'main'
set :deploy_to, '/opt/shop'
set :keep_releases, 5
set :linked_dirs, %w[log]
namespace :deploy do
  after :publishing, :restart do
    on roles(:app) do
      execute :sudo, '-n', 'systemctl', 'restart', 'shop.service'
    end
  end
end
`;

function stage(fleet: RealFleet): string {
  const servers = fleet.hosts.map(
    ({ address }) => `server '${address}', user: 'deploy', roles: %w[app]`,
  );
  const options = `set :ssh_options, {
  keys: ['${fleet.identityFile}'],
  user_known_hosts_file: '${fleet.knownHostsFile}',
  verify_host_key: :always,
  auth_methods: ['publickey']
}`;
  return [...servers, options, ''].join('\n');
}
