/** Another implementation of protobuf, which reads the .proto file itself. */
export { default as protobufjs } from "npm:protobufjs@8.8.1";
