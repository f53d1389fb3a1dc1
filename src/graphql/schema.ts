import { builder } from './builder.ts';
import './errors.ts';

/** The whole graph. Every slice adds its part when it is imported here, and nowhere else. */
export const schema = builder.toSchema();
