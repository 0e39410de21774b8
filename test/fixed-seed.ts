import fc from 'fast-check';

/** For `npm run mutate`; every other run of the tests tries values of its own. */
fc.configureGlobal({ seed: 1 });
