/** The entry of the process that looks through a database file: it sends the faults that it finds, and ends. */
import { listFaults } from './store/sqlite/file-check.ts';

process.send?.(listFaults(process.argv[2] ?? ''), () => process.disconnect());
