import { describe, expect, test } from 'vitest';
import { judgeApproval } from '../../../src/engine/approval/judge.js';
import { samePerson } from '../../../src/engine/approval/person.js';
import type { ApprovalState } from '../../../src/engine/approval/store.js';
import type { Person } from '../../../src/model/hosts/person.js';
import { asRunId } from '../../../src/model/names.js';

type Change = Partial<Person['proven']> & Partial<Person['said']> & { readonly bastion?: string };

function person({
  bastion = 'b1',
  account = 'ada',
  uid = 1001,
  loginUid = null,
  ...said
}: Change = {}): Person {
  const nothing = { name: null, sudoUser: null, sudoUid: null, ssh: null, ci: null };
  return { bastion, proven: { account, uid, loginUid }, said: { ...nothing, ...said } };
}
const key = (fingerprint: string) => ({
  from: null,
  method: 'publickey',
  key: fingerprint,
  certificate: null,
});
const job = (actor: string) => ({ system: 'github', actor, actorId: null, job: null });
const by = (of: Person, owner = of.proven.uid) => ({ person: of, owner });
const ROOT = { account: 'root', uid: 0 } as const;

describe('two records are of', () => {
  test.each([
    [
      'the owner of both files',
      by(person(), 1001),
      by(person({ uid: 5, account: 'bob', bastion: 'b2' }), 1001),
    ],
    ['the account', by(person(), null), by(person({ name: 'bob' }), null)],
    ['who logged in, also behind sudo', by(person()), by(person({ ...ROOT, loginUid: 1001 }))],
    [
      'who called sudo',
      by(person({ ...ROOT, sudoUid: 1001 })),
      by(person({ ...ROOT, sudoUid: 1001 })),
    ],
    [
      'the key of the login',
      by(person({ ssh: key('SHA256:a') })),
      by(person({ uid: 5, account: 'bob', ssh: key('SHA256:a') })),
    ],
    [
      'who started the job, however it is spelled',
      by(person({ ci: job('Ada') })),
      by(person({ uid: 5, account: 'bob', bastion: 'b2', ci: job('ada') })),
    ],
    [
      'the account of two bastions',
      by(person(), null),
      by(person({ uid: 5, bastion: 'b2' }), null),
    ],
    [
      'who called sudo on two bastions',
      by(person({ ...ROOT, sudoUser: 'ada', sudoUid: 5 })),
      by(person({ bastion: 'b2' })),
    ],
  ])('one person by %s', (_, one, other) => {
    expect(samePerson(one, other)).toMatch(/^\S/);
    expect(samePerson(other, one)).toMatch(/^\S/);
  });

  test.each([
    ['two accounts', by(person()), by(person({ uid: 1002, account: 'bob' }))],
    [
      'two people behind sudo',
      by(person({ ...ROOT, loginUid: 1001 })),
      by(person({ ...ROOT, loginUid: 1002 })),
    ],
    [
      'the same uid of two bastions',
      by(person(), null),
      by(person({ account: 'bob', bastion: 'b2' }), null),
    ],
    [
      'two jobs of one account',
      by(person({ account: 'runner', ci: job('ada') }), null),
      by(person({ account: 'runner', bastion: 'b2', ci: job('bob') }), null),
    ],
  ])('two people by %s', (_, one, other) => {
    expect(samePerson(one, other)).toBeNull();
  });
});

describe('an approval', () => {
  const run = asRunId('20260202T000000Z-0001');
  const digest = 'sha256:plan';
  const bob = person({ uid: 1002, account: 'bob' });
  const asked = {
    kind: 'deploy',
    app: 'shop',
    group: 'prod',
    release: 'r1',
    by: 'ada@b1',
    reason: null,
  } as const;
  const state = (change: Partial<ApprovalState> = {}): ApprovalState => ({
    plan: '',
    request: {
      owner: 1001,
      document: {
        schemaVersion: 1,
        run,
        digest,
        ...asked,
        person: person(),
        at: '2026-02-02T00:00:00Z',
        expiresAt: '2026-02-02T01:00:00Z',
      },
    },
    answer: {
      owner: 1002,
      document: {
        schemaVersion: 1,
        run,
        digest,
        decision: 'approved',
        by: 'bob@b1',
        person: bob,
        at: '2026-02-02T00:59:59.999Z',
        reason: null,
      },
    },
    use: null,
    ...change,
  });
  const judged = (of: ApprovalState, now = '2026-02-02T00:59:59.999Z') =>
    judgeApproval(of, { digest, now: new Date(now) });

  test('of another person counts until its last moment, and expires at its last moment', () => {
    expect(judged(state())).toMatchObject({
      kind: 'approved',
      approval: { by: 'bob@b1', askedBy: 'ada@b1' },
    });
    expect(judged(state(), '2026-02-02T01:00:00Z')).toEqual({ kind: 'expired' });
    expect(judged(state({ answer: null }))).toEqual({ kind: 'waiting' });
    expect(judged(state({ answer: null }), '2026-02-02T01:00:00Z')).toEqual({ kind: 'expired' });
  });

  test('that came too late does not count, whatever clock reads it', () => {
    const { answer } = state();
    if (answer === null) throw new Error('it has one');
    const late = { ...answer, document: { ...answer.document, at: '2026-02-02T01:00:00Z' } };
    expect(judged(state({ answer: late }), '2026-02-02T00:30:00Z')).toEqual({ kind: 'expired' });
    const never = { ...answer, document: { ...answer.document, at: 'never' } };
    expect(judged(state({ answer: never }))).toEqual({ kind: 'expired' });
  });

  test('does not count in a record of another account than it says', () => {
    const { answer, request } = state();
    if (answer === null) throw new Error('it has one');
    expect(judged(state({ answer: { ...answer, owner: 1003 } }))).toMatchObject({ kind: 'unfit' });
    expect(judged(state({ request: { ...request, owner: 1003 } }))).toMatchObject({
      kind: 'unfit',
    });
    // Without an owner, as on a server, what is said has to do.
    expect(judged(state({ answer: { ...answer, owner: null } }))).toMatchObject({
      kind: 'approved',
    });
  });

  test('is not used twice, nor for another plan', () => {
    const use = { owner: 1001, document: { schemaVersion: 1, run, by: 'ada@b1', at: '' } as const };
    expect(judged(state({ use }))).toEqual({ kind: 'used', by: 'ada@b1' });
    expect(judgeApproval(state(), { digest: 'sha256:other', now: new Date(0) })).toMatchObject({
      kind: 'unfit',
    });
  });
});
