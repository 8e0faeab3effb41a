/** The entry of a reader's thread: it reads what may take long from the embedded database. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveReader } from './store/sqlite/reader-port.ts';
import { surroundings } from './surroundings.ts';

if (parentPort !== null) serveReader(parentPort, (workerData as { path: string }).path, surroundings.stopwatch);
