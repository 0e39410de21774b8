import * as z from 'zod';
import type { Shape } from '../text/shape.js';

/** How a person logged in to the bastion, as sshd tells the session. */
const sshLoginSchema = () =>
  z.object({
    from: z.string().nullable().describe('the address of their machine'),
    method: z.string().nullable().describe('publickey, password, …; null if sshd does not tell'),
    key: z.string().nullable().describe('the fingerprint, SHA256:…'),
    certificate: z
      .object({
        id: z.string().describe('its key id'),
        serial: z.string(),
        ca: z.string().nullable().describe('the fingerprint of the key that signed it'),
      })
      .nullable(),
  });

export type SshLogin = Shape<typeof sshLoginSchema>;

/** Who started a job of a CI system, as its environment says. */
const ciActorSchema = () =>
  z.object({
    system: z.string(),
    actor: z.string().nullable(),
    actorId: z.string().nullable().describe('what does not change if the person is renamed'),
    job: z.string().nullable().describe('its URL, else its id'),
  });

export type CiActor = Shape<typeof ciActorSchema>;

/**
 * Who started a command. `proven` is what the kernel says of the process; everything in `said` comes
 * from its environment, where whoever starts the process can write anything.
 */
export const personSchema = () =>
  z.object({
    bastion: z.string().describe('the name of the machine'),
    proven: z.object({
      account: z.string().nullable().describe('of the process; null if the system has no name'),
      uid: z.int().nullable(),
      loginUid: z
        .int()
        .nullable()
        .describe('who logged in, before any sudo or su; null without a login'),
    }),
    said: z.object({
      name: z.string().nullable().describe('FLEET_OPERATOR'),
      sudoUser: z.string().nullable(),
      sudoUid: z.int().nullable(),
      ssh: sshLoginSchema().nullable(),
      ci: ciActorSchema().nullable(),
    }),
  });

export type Person = Shape<typeof personSchema>;
