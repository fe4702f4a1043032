/** Which files `.dockerignore` leaves out. */
export { default } from "npm:@balena/dockerignore@1.0.2";
