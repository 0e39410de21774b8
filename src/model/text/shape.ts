import type * as z from 'zod';

/**
 * The data that a schema describes, read-only all the way down. Schemas of what is stored or sent are
 * functions, so that a command which only names their types builds none of them.
 */
export type Shape<Schema extends () => z.ZodType> = Frozen<z.infer<ReturnType<Schema>>>;

type Frozen<T> = T extends Atom
  ? T
  : T extends readonly (infer Each)[]
    ? readonly Frozen<Each>[]
    : { readonly [Key in keyof T]: Frozen<T[Key]> };

/** A branded name is an object to the compiler as well. */
type Atom = string | number | boolean | null | undefined;
