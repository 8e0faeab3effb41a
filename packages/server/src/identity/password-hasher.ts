import { failure } from '@cosell/model';
import { normalizedPassword } from '../domain/password-rules.ts';

/** Hashes passwords and compares them. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Whether a password is the one of a hash. Without a hash the same work is done, and it is not. */
  verify(hash: string | null, password: string): Promise<boolean>;
  /** Whether a hash was made with other parameters than those of today. */
  isOutdated(hash: string): boolean;
  /** Whether so many wait that the next one is to come back later. */
  readonly isFull: boolean;
}

/**
 * Argon2id with 19 MiB, two passes and one lane: OWASP's configuration (Password Storage Cheat Sheet) that asks for the
 * least memory beside the least time, because a small machine serves requests meanwhile. Two at once are 38 MiB.
 */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const { memoryCost, timeCost, parallelism } = parameters;
const form = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`;

/** What stands in for the hash of one who has none: it is of the same cost, and of no password that anybody knows. */
const decoy = `${form}Y29zZWxsLWRlY295LXNhbA$${'A'.repeat(43)}`;

/** Hashes at once; libuv's pool has four threads, and files and names are read on them, too. */
const mostAtOnce = 2;
/** Those that wait for their turn: some two seconds of work. */
const mostWaiting = 64;

/** The hasher of a process. */
export function createPasswordHasher(): PasswordHasher {
  let running = 0;
  const waiting: (() => void)[] = [];
  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (waiting.length >= mostWaiting) throw failure('throttled', { seconds: '2' });
    if (running >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
  // Loaded with the first password: a command and most servers' starts need none.
  const library = () => import('@node-rs/argon2');
  return {
    hash: (password) => inTurn(async () => (await library()).hash(normalizedPassword(password), parameters)),
    verify: (hash, password) =>
      inTurn(async () => {
        const isSame = await (await library()).verify(hash ?? decoy, normalizedPassword(password));
        return hash !== null && isSame;
      }),
    isOutdated: (hash) => !hash.startsWith(form),
    get isFull() {
      return waiting.length >= mostWaiting / 2;
    },
  };
}
