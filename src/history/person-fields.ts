import type { Person } from '../model/hosts/person.js';

/** What the environment says of a person, for a line of `deploy.log`; only what is said at all. */
export function personFields(person: Person | undefined): Readonly<Record<string, string>> {
  if (person === undefined) return {};
  const { name, ssh, ci } = person.said;
  const said = {
    said_name: name,
    ssh_from: ssh?.from,
    ssh_key: ssh?.key,
    ssh_cert: ssh?.certificate?.id,
    ci: ci?.system,
    ci_actor: ci?.actor,
    ci_job: ci?.job,
  };
  return Object.fromEntries(
    Object.entries(said).flatMap(([key, value]) => (value == null ? [] : [[key, value]])),
  );
}
