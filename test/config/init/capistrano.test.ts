import { describe, expect, test } from 'vitest';
import { readCapistrano } from '../../../src/config/init/capistrano/read.js';
import type { Imported } from '../../../src/config/init/imported.js';

const DEPLOY = `# frozen_string_literal: true
lock "~> 3.19.1"

set :application, 'shop'
set :repo_url, "git@example.com:acme/#{fetch(:application)}.git"
set :deploy_to, "/srv/#{fetch(:application)}"
set :keep_releases, 7
set(:pty, true)

append :linked_files, 'config/database.yml', "config/master.key"
set :linked_dirs, fetch(:linked_dirs, []).push('log', 'tmp/pids') + %w[public/system]
set :branch, ENV.fetch('BRANCH', 'main')
set :secret, \`cat /etc/shadow\`
set :ssh_options, {
  keys: %w(~/.ssh/deploy),
  forward_agent: true,
  port: 2222, # not the usual one
}
set :description, <<~TEXT
  server 'not.a.server', user: 'x'
TEXT

namespace :deploy do
  after :publishing, :restart do
    on roles(:app) do
      if test('[ -f x ]')
        execute :sudo, '-n', 'systemctl', 'restart', 'shop.service'
      end
    end
  end
end

after 'deploy:updated', 'assets:precompile'
`;

const PRODUCTION = `server 'web1.example.com', user: 'deploy', roles: %w{app web}
server "web2.example.com:2022", user: "deploy", roles: [:app, :web], primary: true
role :db, %w{dba@db1.example.com}
`;

const read = (deploy: string, stages: Readonly<Record<string, string>> = {}): Imported =>
  readCapistrano({
    capfile: null,
    deploy: { name: 'config/deploy.rb', text: deploy },
    stages: new Map(
      Object.entries(stages).map(([stage, text]) => [
        stage,
        { name: `config/deploy/${stage}.rb`, text },
      ]),
    ),
  });

describe('what Capistrano has set', () => {
  const found = read(DEPLOY, { production: PRODUCTION });

  test('is taken over where fleet has a place for it', () => {
    expect(found).toMatchObject({
      app: 'shop',
      root: '/srv/shop',
      keep: 7,
      repository: 'git@example.com:acme/shop.git',
      branch: null,
      port: 2222,
      identityFile: '~/.ssh/deploy',
      unit: { name: 'shop.service', from: 'config/deploy.rb:27' },
    });
    expect(found.shared).toEqual([
      'log/',
      'tmp/pids/',
      'public/system/',
      'config/database.yml',
      'config/master.key',
    ]);
  });

  test('has hosts with their stage and roles as groups', () => {
    expect(found.hosts).toEqual([
      {
        name: 'web1.example.com',
        user: 'deploy',
        groups: ['production', 'production_app', 'production_web'],
      },
      {
        name: 'web2.example.com',
        user: 'deploy',
        port: 2022,
        groups: ['production', 'production_app', 'production_web'],
      },
      { name: 'db1.example.com', user: 'dba', groups: ['production', 'production_db'] },
    ]);
  });

  test('is listed with its line where it is left out', () => {
    expect(found.leftOut.map(({ file, line, what }) => `${file}:${line} ${what}`)).toEqual([
      'config/deploy.rb:8 set(:pty, true)',
      "config/deploy.rb:12 set :branch, ENV.fetch('BRANCH', 'main')",
      'config/deploy.rb:13 set :secret, `cat /etc/shadow`',
      'config/deploy.rb:14 set :ssh_options, {',
      'config/deploy.rb:19 set :description, <<~TEXT',
      'config/deploy.rb:23 namespace :deploy do',
      "config/deploy.rb:33 after 'deploy:updated', 'assets:precompile'",
    ]);
    expect(found.leftOut[3]?.why).toBe('fleet never forwards an agent');
  });
});

test.each([
  ["set :puma_service_unit_name, 'puma_shop'", 'puma_shop.service'],
  ['set :sidekiq_service_unit_name, "shop-jobs.service"', 'shop-jobs.service'],
  ["execute 'sudo systemctl restart shop@1.service'", 'shop@1.service'],
])('the unit of %s is %s', (line, name) => {
  expect(read(line).unit?.name).toBe(name);
});

test('what differs in a stage is listed, and the value for all stays', () => {
  const found = read("set :deploy_to, '/srv/a'", { staging: "set :deploy_to, '/srv/b'" });
  expect(found.root).toBe('/srv/a');
  expect(found.leftOut).toMatchObject([
    { file: 'config/deploy/staging.rb', line: 1, todo: expect.stringContaining('staging') },
  ]);
});

test('without deploy_to, root is where Capistrano puts the app', () => {
  expect(read("set :application, 'shop'").root).toBe('/var/www/shop');
});

test.each([
  ['if ENV["X"]\n  set :application, "no"\nend\nset :application, "yes"', 'yes'],
  ['set :application, "a" if ENV["X"]', null],
  ['=begin\nset :application, "no"\n=end\nset :application, "yes"', 'yes'],
  ['set :application, "yes"\n__END__\nset :application, "no"', 'yes'],
  ['set :application, "#{`id`}"', null],
  ['set :application, %q(shop)', 'shop'],
  ['set :application, -> { "shop" }', null],
  ["set :other, /a'b/\nset :application, 'yes'", 'yes'],
])('%j sets the name to %j', (text, app) => {
  expect(read(text).app).toBe(app);
});
