import { execFileSync } from 'node:child_process';

/** The arguments that a shell makes of a command that was printed for a person, without `fleet`. */
export function argumentsOf(command: string): readonly string[] {
  const text = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' });
  const [program, ...words] = text.split('\0').slice(0, -1);
  if (program !== 'fleet') throw new Error(`no command of fleet: ${command}`);
  return words;
}

/** Every `fleet …` command in what was printed, in order. */
export function commandsIn(text: string, names: string): readonly string[] {
  const pattern = new RegExp(`fleet (?:plan )?(?:${names}) .*?(?=;|$)`, 'gm');
  return [...text.matchAll(pattern)].map(([command]) => command.trim());
}
