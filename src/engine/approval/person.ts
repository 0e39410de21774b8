import type { CiActor, Person } from '../../model/hosts/person.js';

/** A person as their record says, and the uid that the kernel gives the file of it; null without a file. */
export interface Attested {
  readonly person: Person;
  readonly owner: number | null;
}

/**
 * The uid of the person behind a process: who logged in, before any sudo or su; else the account, or who called sudo
 * where that is root. Null if no one can tell: root without a login.
 */
function personUid({ proven: { uid, loginUid }, said: { sudoUid } }: Person): number | null {
  if (loginUid !== null) return loginUid;
  return uid === 0 ? sudoUid : uid;
}

/**
 * Why two records are, or may be, of one person; null if they are of two. What the kernel says comes first. What an
 * environment says can only add a reason: another name in it makes no other person.
 */
export function samePerson(one: Attested, other: Attested): string | null {
  return (
    sameAccount(one, other) ??
    sameLogin(one.person, other.person) ??
    sameActor(one.person.said.ci, other.person.said.ci) ??
    sameName(one.person, other.person)
  );
}

function sameAccount(one: Attested, other: Attested): string | null {
  if (one.owner !== null && one.owner === other.owner && one.owner !== 0) {
    return `both use the account with uid ${one.owner}`;
  }
  const [first, second] = [one.person, other.person];
  if (first.bastion !== second.bastion) return null;
  const uid = personUid(first);
  if (uid !== null && uid === personUid(second)) return `both are the person with uid ${uid}`;
  return first.proven.uid !== 0 && first.proven.uid === second.proven.uid
    ? `both use the account with uid ${first.proven.uid}`
    : null;
}

function sameLogin(
  { said: { ssh: one } }: Person,
  { said: { ssh: other } }: Person,
): string | null {
  if (one === null || other === null) return null;
  if (one.key !== null && one.key === other.key) return `both logged in with the key ${one.key}`;
  const id = one.certificate?.id;
  return id !== undefined && id === other.certificate?.id
    ? `both logged in with the certificate ${id}`
    : null;
}

function sameActor(one: CiActor | null, other: CiActor | null): string | null {
  if (one === null || other === null || one.system !== other.system) return null;
  const isSame =
    (one.actorId !== null && one.actorId === other.actorId) ||
    (one.actor !== null && one.actor.toLowerCase() === other.actor?.toLowerCase());
  return isSame ? `${one.actor ?? one.actorId} of ${one.system} started both jobs` : null;
}

/** The same account name on two machines is one person, save where jobs of several people share it. */
function sameName(one: Person, other: Person): string | null {
  if (one.said.ci !== null && other.said.ci !== null) return null;
  const name = nameOf(one);
  return name !== null && name === nameOf(other) ? `both use the account ${name}` : null;
}

function nameOf({ proven, said }: Person): string | null {
  return proven.uid === 0 ? said.sudoUser : proven.account;
}

/** Root without a login, as of a cron job or a container, may be anyone. */
export const isKnown = (person: Person): boolean =>
  personUid(person) !== null || person.said.ci?.actor != null;
