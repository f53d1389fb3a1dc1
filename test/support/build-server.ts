import { execFileSync } from 'node:child_process';
import path from 'node:path';

const projectFolder = path.join(import.meta.dirname, '../..');

/** The program of the server, as it ships. */
export const builtServer = path.join(projectFolder, 'dist/server/main.js');

/** Makes it of the present sources. Once before a run: no test and no figure is of what has changed since. */
export function buildServer(): void {
  execFileSync('npm', ['run', '--silent', 'build:server'], { cwd: projectFolder, stdio: ['ignore', 'inherit', 'inherit'] });
}
