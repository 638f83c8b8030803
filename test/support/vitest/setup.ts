// type-graphql's decorators look for the metadata API when a class is loaded, so this comes before
// every test file.
import "reflect-metadata";
