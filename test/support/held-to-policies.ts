/** Runs with every test file: after its tests, what functions and tasks have called is held to the template's policies. */
import { afterAll } from 'vitest';
import { checkCalls } from './deploy.ts';

afterAll(checkCalls);
