#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Half of the time to the first checked step goes into reading our own files, unless Node keeps
// what it made of them. An import statement would be done before this, so it is a call.
enableCompileCache(join(import.meta.dirname, '../../ci/cache/node'));
await import('./main.ts');
