import { expect, test } from 'vitest';
import { readAnsible } from '../../../src/config/init/ansible/read.js';
import { readDeployerPhp } from '../../../src/config/init/deployer/read-php.js';
import { readDeployerYaml } from '../../../src/config/init/deployer/read-yaml.js';
import type { LeftOut } from '../../../src/config/init/imported.js';
import { readKamal } from '../../../src/config/init/kamal/read.js';
import { hostFixture } from '../../fixtures/host.js';

const linesOf = (leftOut: readonly LeftOut[]): readonly string[] =>
  leftOut.map(({ line, what }) => `${line} ${what}`);

test('a deploy.php is read as far as its literals go', () => {
  const text = `<?php
namespace Deployer;

require 'recipe/laravel.php';
require 'contrib/php-fpm.php';

set('application', 'shop');
set('repository', 'git@example.com:acme/{{application}}.git');
set('keep_releases', 4);
add('shared_files', ['.env']);
add('shared_dirs', ['storage', "var/log"]);
add('writable_dirs', []);
set('token', getenv('TOKEN'));

host('web[1:2].example.org')
    ->set('remote_user', 'deploy')
    ->set('deploy_path', '/srv/{{application}}')
    ->setLabels(['stage' => 'prod', 'role' => 'web']);
host('db')->setHostname('10.0.0.9')->setPort(2222)->setRemoteUser('dba')->set('php_fpm', '8.2');

task('build', function () {
    cd('{{release_path}}');
    run('npm run build');
});
after('deploy:failed', 'deploy:unlock');
`;
  const found = readDeployerPhp({ name: 'deploy.php', text });
  expect(found).toMatchObject({
    app: 'shop',
    root: '/srv/shop',
    keep: 4,
    repository: 'git@example.com:acme/shop.git',
    shared: ['storage/', 'var/log/', '.env'],
    hosts: [
      { name: 'web[1:2].example.org', user: 'deploy', groups: ['prod', 'web'] },
      { name: 'db', address: '10.0.0.9', port: 2222, user: 'dba', groups: ['servers'] },
    ],
  });
  expect(linesOf(found.leftOut)).toEqual([
    "5 require 'contrib/php-fpm.php';",
    "12 add('writable_dirs', []);",
    "13 set('token', getenv('TOKEN'));",
    "19 host('db')->setHostname('10.0.0.9')->setPort(2222)->setRemoteUser('dba')->set('php_fpm', '8.2');",
    "21 task('build', function () {",
    "25 after('deploy:failed', 'deploy:unlock');",
  ]);
});

test('a deploy.yaml is read as a deploy.php is', () => {
  const text = `import:
  - recipe/laravel.php
config:
  application: shop
  remote_user: deployer
  shared_dirs: [storage]
  ssh_multiplexing: true
hosts:
  example.com:
    deploy_path: "~/{{application}}"
    labels: { stage: prod }
tasks:
  build:
    - run: "npm run build"
after:
  deploy:failed: deploy:unlock
`;
  const found = readDeployerYaml({ name: 'deploy.yaml', text });
  expect(found).toMatchObject({
    app: 'shop',
    root: '~/shop',
    user: 'deployer',
    shared: ['storage/'],
    hosts: [{ name: 'example.com', groups: ['prod'] }],
  });
  expect(linesOf(found.leftOut)).toEqual(['7 ssh_multiplexing: true', '12 tasks:', '15 after:']);
});

test('of Kamal, servers and logins are taken over, and it is said that images are not', () => {
  const text = `service: shop
image: acme/shop
servers:
  web:
    - 192.168.0.1
    - 192.168.0.2
  job:
    hosts:
      - 192.168.0.2
    cmd: bin/jobs
registry:
  username: <%= ENV["USER"] %>
ssh:
  user: app
<% if true %>
env:
  clear: { A: 1 }
<% end %>
`;
  const found = readKamal({ name: 'config/deploy.yml', text });
  expect(found).toMatchObject({
    app: 'shop',
    root: '/opt/shop',
    user: 'app',
    hosts: [
      { name: '192.168.0.1', groups: ['web'] },
      { name: '192.168.0.2', groups: ['web', 'job'] },
    ],
  });
  expect(found.notes[0]).toMatch(/^Kamal deploys images, fleet deploys files/);
  expect(linesOf(found.leftOut)).toEqual([
    '12 username: <%= ENV["USER"] %>',
    '15 <% if true %>',
    '18 <% end %>',
    '2 image: acme/shop',
    '11 registry:',
    '16 env:',
  ]);
});

test('of Ansible, the hosts are as fleet reads them, and the variables of Ansistrano are used', () => {
  const vars = `ansistrano_deploy_to: "/var/www/{{ app_name }}"
ansistrano_keep_releases: 3
ansistrano_shared_paths: [log]
ansistrano_shared_files: [.env]
ansistrano_after_symlink_tasks_file: "{{ playbook_dir }}/restart.yml"
`;
  const play = `- hosts: web
  vars:
    ansistrano_git_branch: main
  roles:
    - { role: ansistrano.deploy, ansistrano_deploy_to: /srv/shop }
`;
  const found = readAnsible({
    files: [
      { name: 'group_vars/all.yml', text: vars },
      { name: 'deploy.yml', text: play },
    ],
    hosts: [hostFixture('web1')],
  });
  expect(found).toMatchObject({
    app: 'shop',
    root: '/srv/shop',
    keep: 3,
    branch: 'main',
    shared: ['log/', '.env'],
    hosts: [{ name: 'web1' }],
  });
  expect(linesOf(found.leftOut)).toEqual([
    '5 ansistrano_after_symlink_tasks_file: "{{ playbook_dir }}/restart.yml"',
  ]);
});

test('of Ansible, what the inventory has of Ansistrano is used, unless a play says otherwise', () => {
  const vars = { ansistrano_deploy_to: '/opt/shop', ansistrano_keep_releases: '4' };
  const play = '- hosts: web\n  vars: { ansistrano_keep_releases: 6 }\n';
  const hosts = [{ ...hostFixture('web1'), vars }, hostFixture('web2')];
  expect(readAnsible({ files: [], hosts })).toMatchObject({
    root: '/opt/shop',
    keep: 4,
    leftOut: [],
  });
  const files = [{ name: 'deploy.yml', text: play }];
  expect(readAnsible({ files, hosts })).toMatchObject({ root: '/opt/shop', keep: 6 });
});
