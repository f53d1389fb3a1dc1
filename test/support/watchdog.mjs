// A database server outlives its starter by design. This process's input ends with the test run, however that ends; it then stops every
// server whose data stands in the run's folder, and removes the folder. JavaScript, so that Node runs it as it is.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const [, , folder = ''] = process.argv;

function stopServer(name) {
  try {
    const pidFile = path.join(folder, name, 'postgres', 'postmaster.pid');
    process.kill(Number(readFileSync(pidFile, 'utf8').split('\n')[0]), 'SIGQUIT');
  } catch {
    // No server there, or none any more.
  }
}

process.stdin.resume().once('end', () => {
  for (const name of readdirSync(folder)) stopServer(name);
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});
