import { failure } from '@cosell/model';

/** SQLSTATE of an error of PostgreSQL, or the code of an error of the network; else empty. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** Whether PostgreSQL broke a transaction off because of another: serialisation failure or deadlock. It has done nothing. */
export function isBrokenOff(error: unknown): boolean {
  return codeOf(error) === '40001' || codeOf(error) === '40P01';
}

/**
 * Whether the connection is lost or was never made, or its server takes no writes any more, as after a failover:
 * another connection may reach a server that answers.
 */
export function isLost(error: unknown): boolean {
  const code = codeOf(error);
  // 57P01 to 57P03: shutting down, crashed, starting up. 53300: too many connections. 25006: read-only.
  if (/^(08...|57P0[1-3]|53300|25006)$/.test(code) || isOfNetwork(code)) return true;
  return error instanceof Error && /^Connection terminated|is not queryable$|^Query read timeout$/.test(error.message);
}

/** Whether a statement was broken off because its time was up. */
export function isTimeUp(error: unknown): boolean {
  return codeOf(error) === '57014';
}

/** A database that cannot be reached, is shutting down, or has no room is no fault of the request. */
export function unavailable(error: unknown): unknown {
  const code = codeOf(error);
  const isOutOfService = /^(08|53|57P|58030)/.test(code) || isOfNetwork(code);
  const hasNoConnection = error instanceof Error && /timeout exceeded|calling end on the pool/.test(error.message);
  if (!isOutOfService && !hasNoConnection && !isLost(error) && !isBrokenOff(error)) return error;
  return failure('storeUnavailable', {}, { cause: error });
}

/**
 * Reads again, once, when the connection was lost.
 *
 * @throws Failure `storeUnavailable`
 */
export async function twice<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read().catch((error: unknown) => {
      if (!isLost(error)) throw error;
      return read();
    });
  } catch (error) {
    throw unavailable(error);
  }
}

function isOfNetwork(code: string): boolean {
  return /^E[A-Z_]{3,}$/.test(code);
}
