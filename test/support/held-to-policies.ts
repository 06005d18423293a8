/** Runs with every test file: when its tests are through, what functions and tasks have called is held to the template's policies. */
import { afterAll } from 'vitest';
import { checkCalls } from './deploy.ts';

afterAll(checkCalls);
