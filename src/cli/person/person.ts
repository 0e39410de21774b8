import { hostname } from 'node:os';
import { shortLine } from '../../errors/printable.js';
import type { Identity } from '../../model/hosts/identity.js';
import type { Person } from '../../model/hosts/person.js';
import { ciActor } from './ci-actor.js';
import { sshLogin } from './ssh-login.js';

type Environment = Readonly<Record<string, string | undefined>>;

const LONGEST_NAME = 120;

/** Who started this process, for the records: what the kernel says of it, and what its environment says. */
export function personOf(env: Environment, identity: Identity): Person {
  const { account, uid, loginUid, sudoUser } = identity;
  const name = env.FLEET_OPERATOR?.trim() ?? '';
  return {
    bastion: shortLine(hostname(), LONGEST_NAME),
    proven: { account, uid, loginUid },
    said: {
      name: name === '' ? null : shortLine(name, LONGEST_NAME),
      sudoUser: sudoUser === null ? null : shortLine(sudoUser, LONGEST_NAME),
      sudoUid: sudoUser === null ? null : wholeNumber(env.SUDO_UID),
      ssh: sshLogin(env),
      ci: ciActor(env),
    },
  };
}

const wholeNumber = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
