/** The values of the tokens of an ssh_config, by their letter. */
export type Tokens = Readonly<Record<string, string>>;

/** `%h` and the like, and `${NAME}`; what is not known stays as it is written. */
export function expandTokens(
  text: string,
  tokens: Tokens,
  env: Readonly<Record<string, string | undefined>>,
): string {
  return text.replace(
    /%(.)|\$\{(\w+)\}/g,
    (whole, letter: string | undefined, name: string | undefined) =>
      (letter === undefined ? env[name ?? ''] : tokens[letter]) ?? whole,
  );
}
