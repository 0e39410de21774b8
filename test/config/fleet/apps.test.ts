import { describe, expect, test } from 'vitest';
import { checkProject } from '../../../src/config/check.js';
import { type Configs, parseConfigs, resolveApp } from '../../../src/config/fleet/file.js';
import { loadProject } from '../../../src/config/project.js';
import { folderOf, person } from '../support/inventory-folder.js';
import { mistakesOf } from '../support/shown.js';

const parse = (text: string): Configs =>
  parseConfigs({ file: '/srv/fleet.yaml', text, home: '/home/me' });

const TWO = `
release: { keep: 7 }
policy: { bake: 1m, waves: [1, rest] }
environments: { prod: { policy: { bake: 10m } } }
apps:
  shop: { root: /opt/shop, service: { unit: shop.service }, release: { from: ./shop } }
  worker:
    root: /opt/worker
    service: { unit: worker.service, scope: user }
    groups: [workers]
    policy: { bake: 2m, waves: { canary: 1, per: zone } }
    environments: { prod: { release: { keep: 3 } }, eu: { policy: { bake: 3m } } }
`;

const HOSTS = `
groups:
  web: { hosts: [h1, h2], labels: { zone: a } }
  workers: { hosts: [h2, h3] }
  prod: { children: [web, workers] }
`;

const project = (text: string, hosts = HOSTS) =>
  folderOf({ 'fleet.yaml': text, 'inventories/a.yaml': hosts }).then((cwd) => ({
    ...person,
    cwd,
  }));

describe('several apps in one fleet.yaml', () => {
  test('have what is at the top, unless they have it themselves', () => {
    const apps = parse(TWO).map(({ app }) => app);
    expect(apps).toMatchObject([
      { name: 'shop', root: '/opt/shop', release: { keep: 7 }, policy: { bakeMs: 60_000 } },
      {
        name: 'worker',
        root: '/opt/worker',
        service: { units: ['worker.service'], scope: 'user' },
        release: { keep: 7, from: null },
        policy: { bakeMs: 120_000, waves: { kind: 'spread', canary: 1, per: 'zone' } },
        several: true,
      },
    ]);
  });

  test('have the environments of the file and their own, which override both', () => {
    const [shop, worker] = parse(TWO);
    expect(worker?.groups).toEqual(['workers']);
    expect(resolveApp(shop, ['prod']).policy.bakeMs).toBe(600_000);
    expect(worker && resolveApp(worker, ['prod'])).toMatchObject({
      release: { keep: 3 },
      policy: { bakeMs: 600_000 },
      several: true,
    });
    expect(worker && resolveApp(worker, ['eu']).policy.bakeMs).toBe(180_000);
  });

  test('may have nothing of their own, and one of them is still one', () => {
    const [only, ...others] = parse(
      'root: /opt/a\nservice: { unit: a.service }\napps: { shop: }\n',
    );
    expect(others).toEqual([]);
    expect(only.app).toMatchObject({ name: 'shop', root: '/opt/a' });
    expect(only.app.several).toBeUndefined();
  });

  test.each([
    ['apps: []', ['1:7 apps must be a map: the name of each app, and what it has']],
    ['apps: {}', ['1:7 apps must be a map: the name of each app, and what it has']],
    ['apps: { shop: 5 }', ['1:15 apps.shop must be a map of settings']],
    [
      'app: shop\napps: { shop: {} }',
      ['1:1 app and apps exclude each other (with apps:, the key of each app is its name)'],
    ],
    [
      'apps: { shop: { history: sqlite } }',
      [
        '1:17 apps.shop cannot have history (all apps of a fleet.yaml have one history: write it at the top)',
      ],
    ],
    [
      'keep: 5\nservice: { unit: a.service }\napps:\n  shop: { root: /a }\n  "-x": { rot: /b }\n',
      [
        expect.stringMatching(/^1:1 unknown key keep/),
        '5:3 app must be a name of letters, digits, dots, dashes, not "-x"',
        '5:3 root is missing: an absolute path, or one below ~/, without .., spaces, quotes or other special characters',
        '5:11 unknown key rot (did you mean root?)',
      ],
    ],
  ])('%s is refused, each mistake once and at its place', async (text, mistakes) => {
    expect(await mistakesOf(() => parse(text))).toEqual(mistakes);
  });

  test('are named by check, with the environments of all', async () => {
    const { report } = await checkProject(await project(TWO.replace('eu:', 'web:')));
    expect(report).toMatchObject({
      ok: true,
      app: 'shop,worker',
      apps: ['shop', 'worker'],
      environments: ['prod', 'web'],
    });
  });

  test('are checked against the inventory each, and what they share is listed once', async () => {
    const wrong = await project(TWO.replace('prod: { policy', 'prdo: { policy'));
    expect(await mistakesOf(() => loadProject(wrong))).toEqual([
      '4:17 environments: there is no group prdo in the inventory (did you mean prod?)',
      expect.stringMatching(/^12:53 environments: there is no group eu in the inventory/),
    ]);
  });
});

describe('two apps with one root', () => {
  const roots = (first: string, second: string, more = ''): string =>
    `apps:\n  a: { root: ${first}, service: { unit: a.service }, groups: web }\n` +
    `  b: { root: ${second}, service: { unit: b.service }${more} }\n`;

  test.each([
    ['/opt/app', '/opt/app/', '', 'the same root, /opt/app, on h1, h2 '],
    ['/opt/app', '/opt/app', ', groups: [workers]', 'the same root, /opt/app, on h2'],
    ['/opt/app', '/opt/app/shared/b', '', 'roots of which one is inside the other, on h1, h2 '],
    [
      '/opt/a',
      '/opt/b',
      ', environments: { web: { root: /opt/a } }',
      'the same root, /opt/a, on h1, h2 ',
    ],
  ])('%s and %s%s are refused', async (first, second, more, what) => {
    const given = await project(roots(first, second, more));
    const [problem, ...others] = await mistakesOf(() => loadProject(given));
    expect(problem).toContain(`a (fleet.yaml:2:14) and b have ${what}`);
    expect(others).toEqual([]);
  });

  test.each([
    ['/opt/app', '/opt/app2', ''],
    ['/opt', '/opt/app', ''],
    ['/opt/app', '/opt/app', ', groups: [others]'],
  ])('%s and %s%s are fine', async (first, second, more) => {
    const apart = `${HOSTS}  others: { hosts: [h4] }\n`;
    const given = await project(roots(first, second, more), apart);
    expect((await loadProject(given)).configs).toHaveLength(2);
  });
});
