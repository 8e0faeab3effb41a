import {
  boundAddress,
  createOperations,
  explainOn,
  hasExchange,
  type Operations,
  openExchange,
  readConfig,
  remoteOperations,
  StartupProblem,
  socketPathOf,
  surroundings,
} from '@cosell/server';
import type { Environment } from './environment.ts';

/**
 * Runs something on the exchange: on its store where nobody holds the data folder, else in the process that does.
 *
 * @throws StartupProblem where the folder is held by a process that does not answer
 */
export async function withOperations<Result>(
  environment: Environment,
  task: string,
  work: (operations: Operations) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(environment);
  const exchange = await openExchange(config, task, surroundings);
  if ('holder' in exchange) {
    try {
      return await work(remoteOperations(socketPathOf(config.dataDir)));
    } catch (error) {
      throw isUnanswered(error) ? unanswered(config.dataDir, exchange.holder) : error;
    }
  }
  try {
    const origin = config.publicUrl ?? boundAddress(config, config.port);
    const { store, issuer } = exchange;
    const explain = explainOn({ config, store, issuer, surroundings, origins: () => [origin] });
    return await work({ ...createOperations(store, issuer, () => origin), explain });
  } finally {
    await exchange.close();
  }
}

/**
 * Does the same for a command that has nothing to do on a new exchange: with a mistyped DATA_DIR or DATABASE_URL it would
 * say that all is done.
 *
 * @throws StartupProblem where there is no exchange
 */
export async function withOperationsOnExisting<Result>(
  environment: Environment,
  task: string,
  work: (operations: Operations) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(environment);
  if (!(await hasExchange(config))) {
    throw new StartupProblem(
      config.databaseUrl === undefined
        ? `There is no exchange in ${config.dataDir}. Check DATA_DIR.`
        : 'There is no exchange in the database of DATABASE_URL. Check DATABASE_URL.',
    );
  }
  return withOperations(environment, task, work);
}

function isUnanswered(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes((error as { code?: string }).code ?? '');
}

function unanswered(dataDir: string, holder: { pid: number; task: string } | undefined): StartupProblem {
  const who = holder === undefined ? 'Another process' : `cosell ${holder.task} (process ${holder.pid})`;
  return new StartupProblem(`${who} holds ${dataDir} and does not answer. Wait until it is done, or stop it.`);
}
