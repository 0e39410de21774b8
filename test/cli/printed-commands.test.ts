import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { commandAt, type Words } from './support/command-line.js';
import type { Ran } from './support/fake-context.js';
import { leaveClaimed } from './support/practice-bastion.js';
import { argumentsOf } from './support/shell-words.js';
import { SLEEPER, shopFleet } from './support/shop-fleet.js';

const practice = practiceLab({ hosts: 3, unitText: SLEEPER });
const shop = shopFleet(
  () => practice.lab,
  'waves: [1, rest], max_unavailable: 100%, tolerate_unreachable: 1, on_failure: hold',
);

/** Every command that was printed, in order, as its words behind `fleet`. */
function printedIn({ stdout, stderr }: Ran): readonly Words[] {
  const text = `${stdout}\n${stderr}`;
  return [...text.matchAll(/(?<![\w./~-])fleet (?=[a-z])/g)].flatMap(({ index }) => {
    const [line = ''] = text.slice(index).split('\n');
    // If the sentence continues, the command has ended.
    const [command = ''] = line.split(/[`;()…]|[,.:]? or |[,.:](?: |$)/);
    const words = commandAt(argumentsOf(command.replace('GROUP', 'prod')));
    return words === null ? [] : [words];
  });
}

/** A command as it is typed: a question is answered with yes, a rollout is planned first. */
function typedForms(words: Words): readonly Words[] {
  switch (words[0]) {
    case 'deploy':
    case 'rollback':
      return [
        [...words, '--dry-run'],
        [...words, '--yes'],
      ];
    case 'resume':
    case 'recover':
      return [[...words, '--yes']];
    case 'doctor':
      return [words.includes('--install-guard') ? [...words, '--yes'] : words];
    default:
      return [words];
  }
}

/** Types every command that was printed, and says what each ended with; `plansOnly` carries none out. */
async function follow(ran: Ran, { plansOnly = false } = {}): Promise<readonly string[]> {
  const results: string[] = [];
  for (const words of printedIn(ran).flatMap(typedForms)) {
    if (plansOnly && words.includes('--yes')) continue;
    const { code, stderr } = await shop.typed(words);
    results.push(`${words.join(' ')}: ${code === 0 ? 'ok' : `${code} ${stderr}`}`);
  }
  return results;
}

const deploy = (name: string, start?: string): Promise<Ran> => shop.typed(deployOf(name, start));

const deployOf = (name: string, start?: string): Words => [
  ...['deploy', '-i', practice.lab.inventoryFile, '-g', 'prod', '--yes'],
  ...['--from', shop.release(name, start)],
];

const ok = (words: string): unknown => expect.stringMatching(new RegExp(`^${words}.*: ok$`));

/** One story over three hosts: each test goes on from the one before. */
describe('each command that fleet prints is one that it takes unchanged', () => {
  beforeAll(async () => {
    expect(await deploy('a')).toMatchObject({ code: 0 });
  }, 60_000);

  test('after a deploy', async () => {
    const ran = await deploy('b');
    expect(ran.code).toBe(0);
    const back = 'rollback -g prod --to \\S+ -i \\S+';
    expect(await follow(ran)).toEqual([ok(`${back} --dry-run`), ok(`${back} --yes`)]);
    expect(shop.pages()).toEqual(['a', 'a', 'a']);
  }, 60_000);

  test('after a deploy to some hosts: the others have no part in its way back', async () => {
    const ran = await shop.typed([...deployOf('c'), '-l', '!web03']);
    expect(ran.code).toBe(0);
    const back = 'rollback -g prod --to \\S+ -l !web03 -i \\S+';
    expect(await follow(ran)).toEqual([ok(`${back} --dry-run`), ok(`${back} --yes`)]);
  }, 60_000);

  test('after a canary that was held', async () => {
    const ran = await deploy('bad', 'exit 3');
    expect(ran.code).toBe(5);
    expect(await follow(ran, { plansOnly: true })).toEqual([
      ok('deploy -g prod --release \\S+ --from ./bad -i \\S+ --dry-run'),
      ok('status -g prod'),
    ]);
  }, 60_000);

  test('after a host that was skipped', async () => {
    await practice.lab.fault('web03', 'down', true);
    const ran = await deploy('d');
    await practice.lab.fault('web03', 'down', false);
    expect(ran.code).toBe(3);
    const again = 'deploy -g prod --release \\S+ -l web03 --from ./d -i \\S+';
    expect(await follow(ran)).toEqual([
      ok(`${again} --dry-run`),
      ok(`${again} --yes`),
      ok('show \\S+'),
    ]);
    expect(shop.pages()).toEqual(['d', 'd', 'd']);
  }, 60_000);

  test('after Ctrl-C', async () => {
    const ran = await shop.interrupted(['claim: started'], ...deployOf('e'));
    expect(ran.code).toBe(130);
    expect(await follow(ran)).toEqual([ok('resume \\S+ --from ./e --yes'), ok('status -g prod')]);
    expect(shop.pages()).toEqual(['e', 'e', 'e']);
  }, 60_000);
});

describe('each command in the hint of a refusal is one that fleet takes', () => {
  beforeAll(() => {
    mkdirSync(join(shop.dir, 'inventories'));
    cpSync(practice.lab.inventoryFile, join(shop.dir, 'inventories/lab.yaml'));
  });

  test.each([
    ['show nope', ['history: ok']],
    ['doctor -g prod', ['doctor -g prod --install-guard --yes: ok']],
    ['lock release -g prod', ['recover --yes: ok']],
    ['exec uptime -g prod', ['exec -g prod uptime: ok']],
  ])('fleet %s', async (line, followed) => {
    expect(await follow(await shop.typed(line.split(' ')))).toEqual(followed);
  });

  test('where there is no inventory', async () => {
    const ran = await shop.typed(['status', '-g', 'prod', '-i', 'nowhere']);
    expect(await follow(ran)).toEqual(['schema inventory: ok']);
  });

  test('where another run holds a host, once its lease has expired', async () => {
    leaveClaimed(practice.lab, 3600);
    const refused = await shop.typed(['deploy', '-g', 'prod', '--yes', '--from', './a']);
    expect(refused.code).toBe(7);
    leaveClaimed(practice.lab, 0);
    expect(await follow(refused)).toEqual(['recover -g prod --yes: ok']);
  });
});
