import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeRelease } from '../release.js';
import type { Release } from './tools.js';

/** Where the benchmark keeps its releases and scenes, and what the tools keep of themselves. */
export class BenchFolder {
  constructor(readonly dir: string) {
    mkdirSync(join(dir, 'home'), { recursive: true });
  }

  /** Nothing of the user who runs this: no settings, no agent, no known hosts. */
  get env(): Readonly<Record<string, string>> {
    return {
      PATH: process.env.PATH ?? '',
      LANG: 'C.UTF-8',
      HOME: join(this.dir, 'home'),
      XDG_STATE_HOME: join(this.dir, 'state'),
    };
  }

  /** The release that every turn begins with and goes back to. */
  get base(): Release {
    return this.release('base');
  }

  /** A release as a folder and packed, made when it is first asked for. */
  release(id: string): Release {
    const folder = join(this.dir, 'releases', id);
    if (!existsSync(folder)) {
      writeRelease(folder, id);
      execFileSync('tar', ['czf', `${folder}.tgz`, '-C', folder, '.']);
    }
    return { id, folder };
  }

  scene(name: string): string {
    return join(this.dir, name);
  }
}
