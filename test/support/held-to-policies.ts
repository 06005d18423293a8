/** Runs with every test file. After its tests, the template's policies must allow every call of functions and tasks. */
import { afterAll } from 'vitest';
import { checkCalls } from './deploy.ts';

afterAll(checkCalls);
