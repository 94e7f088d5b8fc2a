import type { Rule } from './rule.ts';

const OBSERVED = 'observed on linux-5.10, 6.1, 6.12, 6.18 and 7.3, on tmpfs';

/** What there is no room for. */
export const ROOM_RULES = {
  'room/none-left': {
    says: 'What finds no room on the upper file system fails with its error, ENOSPC.',
    source: OBSERVED,
    on: ['tmpfs'],
    with: ['any'],
  },
  'whiteout/not-shared-any-more': {
    says: 'A shared whiteout that cannot be linked is used up itself, and none is shared again.',
    source: OBSERVED,
    on: ['tmpfs'],
    with: ['any'],
  },
  'room/short-write': {
    says: 'A write stamps the file, and ends before the first page that finds no room.',
    source: OBSERVED,
    on: ['tmpfs'],
    with: ['any'],
  },
  'room/allocates-all-or-nothing': {
    says: 'fallocate(2) that finds no room for all of a range takes nothing.',
    source: OBSERVED,
    on: ['tmpfs'],
    with: ['any'],
  },
  'room/copy-up-without-data': {
    says: 'Copy-up without room for the data fails, leaves nothing, and works once there is room.',
    source: OBSERVED,
    on: ['tmpfs'],
    with: ['any'],
  },
} as const satisfies Record<string, Rule>;
