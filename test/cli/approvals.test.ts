import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Person } from '../../src/model/hosts/person.js';
import { OUTPUT_SCHEMAS } from '../../src/ui/json-schema.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { httpReceiver } from '../notify/support/http-receiver.js';
import { temporaryFolder } from '../transport/support/ssh-server.js';
import { everythingOn, practiceBastion } from './support/practice-bastion.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

/** By sudo: the files are of root, and the kernel knows who logged in. */
const personOf = (account: string, loginUid: number): Person => ({
  bastion: 'bastion',
  proven: { account, uid: 0, loginUid },
  said: { name: null, sudoUser: account, sudoUid: loginUid, ssh: null, ci: null },
});
const ADA = personOf('ada', 1001);
const BOB = personOf('bob', 1002);

/** Two people with state folders of their own, who share one folder for approvals. */
function twoPeople(rule = 'groups: [prod]', now?: () => Date) {
  const dir = join(temporaryFolder(), 'approvals');
  mkdirSync(dir, { mode: 0o700 });
  const [ada, bob] = [ADA, BOB].map((person) => {
    const at = practiceBastion(practice.lab, now, person);
    appendFileSync(join(at.dir, 'fleet.yaml'), `approvals: { by: other, dir: ${dir}, ${rule} }\n`);
    return at;
  });
  if (ada === undefined || bob === undefined) throw new Error('there are two');
  const inventory = ['-i', practice.lab.inventoryFile];
  const approve = (who: typeof ada, ...words: readonly string[]) =>
    who.typed('approve', ...words, '--yes');
  const goOn = (who: typeof ada, run: string, ...words: readonly string[]) =>
    who.typed('apply', '--approved', run, ...inventory, '--yes', ...words);
  return { ada, bob, dir, approve, goOn, inventory };
}

/** Changes what is deployed, so that there is something to do. */
const change = (at: { readonly dir: string }, text: string): void =>
  appendFileSync(join(at.dir, 'releases/good/page'), text);

async function asked(
  at: ReturnType<typeof twoPeople>['ada'],
  ...words: readonly string[]
): Promise<string> {
  const ended = await at.fleet('deploy', '--yes', '--json', ...words);
  expect(ended).toMatchObject({ code: 10 });
  const printed: unknown = JSON.parse(ended.stdout);
  expect(OUTPUT_SCHEMAS.approve.safeParse(printed).error).toBeUndefined();
  return (printed as { run: string }).run;
}

const read = (at: { readonly dir: string }, ...path: readonly string[]): string =>
  readFileSync(join(at.dir, 'state', ...path), 'utf8');

describe.runIf(process.getuid?.() === 0)('a run that needs a second person', () => {
  test('starts once another one has approved exactly its plan, once, and every record has both', async () => {
    const { ada, bob, approve, goOn } = twoPeople();
    const run = await asked(ada, '--reason', 'ticket 4711');
    expect(await goOn(ada, run)).toMatchObject({
      code: 10,
      stderr: expect.stringContaining(`fleet approve ${run}`),
    });
    const listed = await bob.typed('approve');
    expect(listed.stdout).toContain(run);
    const shown = await approve(bob, run.slice(0, 15), '--reason', 'looks fine');
    expect(shown).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Deploy shop to prod, run'),
    });
    expect(await approve(bob, run)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('approval_used'),
    });

    expect(await goOn(ada, run, '--json')).toMatchObject({ code: 0 });
    expect(await goOn(ada, run)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('approval_used'),
    });
    const log = read(ada, 'deploy.log');
    expect(log).toMatch(/act=approval-asked stage=begins .* plan=sha256:/);
    expect(log).toMatch(
      new RegExp(
        ` run=${run} .* approval=given approved_by=bob@bastion .* asked_by=ada@bastion approved_plan=sha256:\\S+ approval_reason="looks fine"`,
      ),
    );
    expect(read(bob, 'deploy.log')).toMatch(
      /act=approve stage=begins .* of=ada@bastion plan=sha256:/,
    );
    const given = {
      kind: 'given',
      by: 'bob@bastion',
      askedBy: 'ada@bastion',
      reason: 'looks fine',
      person: { proven: { loginUid: 1002 } },
    };
    expect(JSON.parse(read(ada, 'runs', run, 'plan.json'))).toMatchObject({ run, approval: given });
    const shownRun = await ada.typed('show', run);
    expect(shownRun.stdout).toContain('approved by bob@bastion, asked for by ada@bastion');
    expect(shownRun.stdout).toMatch(/ account {2}ada, uid 0, logged in as uid 1001\n/);
    expect(await ada.typed('history', 'verify')).toMatchObject({ code: 0 });
  }, 60_000);

  test('is told to people before the command waits, with what to type', async () => {
    await using receiver = await httpReceiver();
    const { ada } = twoPeople();
    appendFileSync(
      join(ada.dir, 'fleet.yaml'),
      `notify: [{ webhook: { url: "${receiver.url}" }, on: paused }]\n`,
    );
    change(ada, 'told');
    const run = await asked(ada);
    const told = receiver.got.map(({ body }) => JSON.parse(body).data);
    expect(told).toMatchObject([
      {
        kind: 'paused',
        run,
        title: 'shop: deploy to prod waits for the approval of another person',
        next: `fleet approve ${run}`,
        wave: null,
      },
    ]);
    // A service that hangs delays that by no more than the grace of a run.
    receiver.answer(() => undefined);
    change(ada, 'again');
    const began = performance.now();
    await asked(ada);
    expect(performance.now() - began).toBeLessThan(8000);
    expect((await ada.typed('notify', 'list')).stdout).toContain('paused');
  }, 60_000);

  test('is not approved by the one who asks, whatever name is set, nor by root without a login', async () => {
    const { ada, dir, approve } = twoPeople();
    change(ada, 'a');
    const run = await asked(ada);
    const asOther = (person: Person) => {
      const other = practiceBastion(practice.lab, undefined, person);
      appendFileSync(join(other.dir, 'fleet.yaml'), `approvals: { by: other, dir: ${dir} }\n`);
      return approve(other, run);
    };
    const renamed = { ...ADA, said: { ...ADA.said, name: 'bob', sudoUser: 'bob' } };
    const root = personOf('root', 0);
    const unknown = {
      ...root,
      proven: { ...root.proven, loginUid: null },
      said: { ...root.said, sudoUid: null },
    };
    for (const person of [ADA, renamed, unknown]) {
      expect(await asOther(person)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('approval_refused'),
      });
    }
  }, 60_000);

  test('goes on in its terminal when the approval comes, with neither lock nor connection meanwhile', async () => {
    const { ada, bob, approve } = twoPeople();
    change(ada, 'b');
    const waiting = ada.answer('y\n', 'deploy');
    let run = '';
    await expect
      .poll(
        async () => {
          const listed = JSON.parse((await bob.typed('approve', '--json')).stdout);
          run = listed.waiting[0]?.run ?? '';
          return run;
        },
        { timeout: 15_000 },
      )
      .not.toBe('');
    expect(await ada.fleet('lock status')).toMatchObject({ code: 0 });
    expect(await approve(bob, run)).toMatchObject({ code: 0 });
    const ended = await waiting;
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).toContain('Approved by bob@bastion, asked for by ada@bastion.');
    // One question: the person has agreed to this plan.
    expect(ended.stderr.split('[y/N]')).toHaveLength(2);
  }, 60_000);

  test('without a terminal does not wait, and goes on when it is approved', async () => {
    const { ada, bob, approve, goOn } = twoPeople();
    change(ada, 'c');
    const stopped = await ada.fleet('deploy', '--yes');
    expect(stopped.code).toBe(10);
    const { waiting } = JSON.parse((await bob.typed('approve', '--json')).stdout);
    expect(await approve(bob, waiting[0].run)).toMatchObject({ code: 0 });
    expect(await goOn(ada, waiting[0].run)).toMatchObject({ code: 0 });
  }, 60_000);

  test('is refused, and nothing is changed, where it was denied, is too late, or anything has moved', async () => {
    let minutes = 0;
    const now = () => new Date(Date.parse('2026-01-02T03:04:05Z') + minutes * 60_000);
    const { ada, bob, approve, goOn } = twoPeople('expires: 30m', now);
    change(ada, 'd');
    const before = everythingOn(practice.lab);
    const denied = await asked(ada);
    expect(await approve(bob, denied, '--deny', '--reason', 'not on a Friday')).toMatchObject({
      code: 0,
    });
    expect(await goOn(ada, denied)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('bob@bastion has denied run'),
    });

    minutes = 1;
    const late = await asked(ada);
    expect(await approve(bob, late)).toMatchObject({ code: 0 });
    minutes = 31;
    expect(await goOn(ada, late)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('approval_expired'),
    });
    const unanswered = await asked(ada);
    minutes = 62;
    expect(await approve(bob, unanswered)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('approval_expired'),
    });

    const moved = await asked(ada);
    expect(await approve(bob, moved)).toMatchObject({ code: 0 });
    change(ada, 'e');
    expect(await goOn(ada, moved)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('plan_moved'),
    });
    expect(everythingOn(practice.lab)).toEqual(before);
  }, 90_000);

  test('has one use, also if two processes start it at the same time', async () => {
    const { ada, bob, approve, goOn } = twoPeople();
    change(ada, 'f');
    const run = await asked(ada);
    await approve(bob, run);
    // The second one has state, and so a lock, of its own.
    const other = practiceBastion(practice.lab, undefined, ADA);
    for (const file of ['fleet.yaml', 'releases/good/page']) {
      writeFileSync(join(other.dir, file), readFileSync(join(ada.dir, file)));
    }
    const ends = await Promise.all([goOn(ada, run), goOn(other, run)]);
    expect(ends.map(({ code }) => code).sort()).not.toEqual([0, 0]);
    expect(ends.filter(({ code }) => code === 0)).toHaveLength(1);
  }, 60_000);

  test('counts only as long as plan, request and answer are as they were written', async () => {
    const { ada, bob, dir, approve, goOn } = twoPeople();
    change(ada, 'g');
    const run = await asked(ada);
    const plan = join(dir, run, 'plan.json');
    const text = readFileSync(plan, 'utf8');
    writeFileSync(plan, text.replace('"force": false', '"force": true'));
    expect(await approve(bob, run)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('plan_invalid'),
    });
    writeFileSync(plan, text);
    await approve(bob, run);
    const answer = join(dir, run, 'answer.json');
    const given = readFileSync(answer, 'utf8');
    writeFileSync(answer, given.replace(/"digest": "sha256:[0-9a-f]{4}/, '"digest": "sha256:0000'));
    expect(await goOn(ada, run)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('another plan was approved'),
    });
    writeFileSync(answer, given.replace('"uid": 0', '"uid": 7'));
    expect(await goOn(ada, run)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('uid 0 has written it'),
    });
  }, 60_000);

  test('may start alone in an emergency, if fleet.yaml allows that and a reason is given', async () => {
    const strict = twoPeople();
    change(strict.ada, 'h');
    const alone = ['--without-approval', '--reason', 'shop is down'];
    expect(await strict.ada.fleet('deploy', '--yes', ...alone)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('approval_required'),
    });
    const { ada } = twoPeople('emergency: true');
    change(ada, 'h');
    expect(await ada.fleet('deploy', '--yes', '--without-approval')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('reason_required'),
    });
    const ended = await ada.fleet('deploy', '--yes', ...alone);
    expect(ended).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('starts without the approval that it needs'),
    });
    expect(read(ada, 'deploy.log')).toContain(' approval=without approval_reason="shop is down" ');
  }, 60_000);

  test('is a deploy, and a rollback only where fleet.yaml says so or it is forced', async () => {
    const { ada } = twoPeople();
    expect(await ada.fleet('rollback', '--yes')).toMatchObject({ code: 0 });
    expect(await ada.fleet('rollback', '--yes', '--force')).toMatchObject({ code: 10 });
    const both = twoPeople('kinds: [deploy, rollback]');
    expect(await both.ada.fleet('rollback', '--yes')).toMatchObject({ code: 10 });
    const elsewhere = twoPeople('groups: [nowhere]');
    mkdirSync(join(elsewhere.ada.dir, 'inventories'));
    copyFileSync(practice.lab.inventoryFile, join(elsewhere.ada.dir, 'inventories/prod.yaml'));
    expect(await elsewhere.ada.typed('check')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('approvals.groups: there is no group nowhere'),
    });
  }, 60_000);
});

test('a run on hosts of require_reason needs one', async () => {
  const at = practiceBastion(practice.lab);
  appendFileSync(join(at.dir, 'fleet.yaml'), 'require_reason: prod\n');
  expect(await at.fleet('deploy', '--yes')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('reason_required'),
  });
  expect(await at.fleet('deploy', '--dry-run')).toMatchObject({ code: 0 });
});
