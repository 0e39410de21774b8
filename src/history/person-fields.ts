import type { Person } from '../model/hosts/person.js';
import type { RunStart } from './store.js';

/** What the environment says of a person, for a line of `deploy.log`; only what is said at all. */
export function personFields(person: Person | undefined): Readonly<Record<string, string>> {
  if (person === undefined) return {};
  return Object.fromEntries(
    Object.entries(saidOf(person)).flatMap(([key, value]) =>
      value === null ? [] : [[key, value]],
    ),
  );
}

/** The same for the history, with what the kernel says. */
export function personRecord(person: Person | undefined): Pick<RunStart, 'person' | 'identity'> {
  if (person === undefined) return { person: null, identity: null };
  const { proven, said } = person;
  const identity = {
    account: proven.account,
    uid: textOf(proven.uid),
    login: textOf(proven.loginUid),
    sudo: said.sudoUser,
    ...saidOf(person),
  };
  return { person: said.ci?.actor ?? said.ssh?.certificate?.id ?? null, identity };
}

const textOf = (value: number | null): string | null => (value === null ? null : `${value}`);

const saidOf = ({ said: { name, ssh, ci } }: Person): Readonly<Record<string, string | null>> => ({
  said_name: name,
  ssh_from: ssh?.from ?? null,
  ssh_key: ssh?.key ?? null,
  ssh_cert: ssh?.certificate?.id ?? null,
  ci: ci?.system ?? null,
  ci_actor: ci?.actor ?? null,
  ci_job: ci?.job ?? null,
});
