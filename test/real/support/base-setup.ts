import { ensureBaseImage } from './base-image.js';

/** Builds the hosts' base image before any test's time runs: a minute or two, once a machine. */
export default async function setup(): Promise<void> {
  await ensureBaseImage();
}
