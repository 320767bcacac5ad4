CFLAGS = -std=gnu17 -O3 -march=native -Wall -Wextra

libNAME.so: NAME.c $(wildcard include/*.h)
	$(CC) $(CFLAGS) -fPIC -shared -Iinclude -o $@ $< -lm

clean:
	rm -f libNAME.so

.PHONY: clean
