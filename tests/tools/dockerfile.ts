/** What a Dockerfile says, and what is wrong with it, by the parser and the validator of its language server. */
export { DockerfileParser } from "npm:dockerfile-ast@0.7.1";
export { validate } from "npm:dockerfile-utils@0.16.3";
