/** The entry of the writer's thread: it alone writes to the embedded database. */
import { parentPort, workerData } from 'node:worker_threads';
import { commands } from './domain/commands.ts';
import { serveWriter } from './store/sqlite/writer-port.ts';
import { surroundings } from './surroundings.ts';

if (parentPort !== null) await serveWriter(parentPort, (workerData as { path: string }).path, commands, surroundings);
