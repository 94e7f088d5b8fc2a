import { O_NONBLOCK } from './constants.ts';
import type { Connection } from './connect.ts';
import { ProgramBuilder } from './protocol/program.ts';

/**
 * Takes the overlay module out, if nothing uses it: what it leaked of its own caches the kernel
 * complains about then, and at no other time.
 */
export async function unloadOverlay(connection: Connection): Promise<void> {
  const program = new ProgramBuilder();
  program.call('delete_module', [{ input: 'overlay\0' }, O_NONBLOCK]);
  await connection.execute(program.finish());
}
