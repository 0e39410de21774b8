/** The machine in `user@bastion`; the name of a user may have an `@` too. Empty if there is none. */
export const bastionOf = (operator: string): string =>
  operator.includes('@') ? operator.slice(operator.lastIndexOf('@') + 1) : '';
