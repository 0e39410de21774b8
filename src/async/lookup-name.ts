import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { hasCode } from '../errors/has-code.js';
import { orAborted } from './or-aborted.js';

/**
 * The first address of a name, as every program of this machine would find it. The question is asked by a process of its
 * own, which is killed once the signal aborts: asked by this process it could not be ended, and held up its exit for as
 * long as a name server does not answer. Where `getent` is missing, this process asks. Rejects if the name is not known.
 */
export async function lookUpName(name: string, signal: AbortSignal): Promise<string> {
  return (await lookUpAddresses(name, signal))[0];
}

type Addresses = readonly [string, ...string[]];

/** All addresses of a name, those first that are to be tried first; as {@link lookUpName}. */
export async function lookUpAddresses(name: string, signal: AbortSignal): Promise<Addresses> {
  if (isIP(name) !== 0) return [name];
  if (name.startsWith('-')) throw new Error(`${name} is no name of a machine`);
  try {
    return await askGetent(name, signal);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    return [(await orAborted(lookup(name), signal)).address];
  }
}

function askGetent(name: string, signal: AbortSignal): Promise<Addresses> {
  return new Promise((resolve, reject) => {
    const options = { signal, killSignal: 'SIGKILL', maxBuffer: 256 * 1024 } as const;
    execFile('getent', ['ahosts', name], options, (error, stdout) => {
      const words = stdout.split('\n').map((line) => line.split(/\s/, 1)[0] ?? '');
      const [first, ...others] = new Set(words.filter((word) => isIP(word) !== 0));
      if (first !== undefined) resolve([first, ...others]);
      else if (error !== null && (signal.aborted || hasCode(error, 'ENOENT'))) reject(error);
      else reject(new Error(`the name ${name} is not known`));
    });
  });
}
