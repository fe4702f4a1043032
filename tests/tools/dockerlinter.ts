/** A linter of Dockerfiles as a program of its own: it prints what it finds and ends the process. */
export * from "npm:dockerlinter@2.0.0";
