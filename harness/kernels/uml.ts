import { join } from 'node:path';
import { HarnessError } from '../errors.ts';
import { findOnPath, runChecked } from '../process.ts';
import { UML_COMMAND } from '../backends/uml.ts';
import { findModuleFiles } from './image.ts';
import type { KernelImage } from './image.ts';

const MODULES = '/usr/lib/uml/modules';

/** The user-mode kernel that is installed on this machine. */
export async function umlKernel(asked: string): Promise<KernelImage> {
  const imagePath = await findOnPath(UML_COMMAND);
  if (imagePath === null) {
    throw new HarnessError('unavailable', `${UML_COMMAND} is not installed`);
  }
  const release = (await runChecked(imagePath, ['--version'])).trim();
  return {
    asked,
    release,
    source: 'host',
    kind: 'uml',
    imagePath,
    modules: await findModuleFiles(join(MODULES, release)),
    config: null,
  };
}
