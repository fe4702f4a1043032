throw new Error("Thrown at the start");
