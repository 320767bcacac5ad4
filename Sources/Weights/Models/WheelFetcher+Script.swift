extension WheelFetcher {
    /// Python, run with: package, version, file name, sha256, size, part. Prints `received N TOTAL` lines.
    /// Ends with 0 when the part is whole, 3 when this pip has no such inside, 4 when there is no pip, else 1 and a
    /// line that says why.
    static let pipScript = #"""
        import os, sys

        package, version, name, sha256, size, part = sys.argv[1:7]
        size = int(size)

        def fail(reason):
            print(" ".join(str(reason).split()) or "unknown reason", flush=True)
            sys.exit(1)

        try:
            import pip
        except ImportError:
            sys.exit(4)
        try:
            from pip._internal.commands import create_command
            command = create_command("download")
            # pip reads its environment and its configuration files here.
            options, _ = command.parse_args(["--no-input", "--no-cache-dir", "--no-deps", package + "==" + version])
            context, open_session = command.main_context, command.get_default_session
            find = command._build_package_finder
        except (ImportError, AttributeError):
            sys.exit(3)

        def have():
            return os.path.getsize(part) if os.path.exists(part) else 0

        def receive(session, url):
            start = have()
            headers = {"Accept-Encoding": "identity"}
            if start:
                headers["Range"] = "bytes=%d-" % start
            response = session.get(url, headers=headers, stream=True)
            if response.status_code == 416:
                os.truncate(part, 0)
                return
            response.raise_for_status()
            goes_on = response.status_code == 206 and \
                response.headers.get("Content-Range", "").startswith("bytes %d-" % start)
            if response.status_code == 206 and not goes_on:
                fail("the index answered with another part of the file than was asked for")
            with open(part, "ab" if goes_on else "wb") as output:
                received = start if goes_on else 0
                for chunk in response.iter_content(1 << 18):
                    received += len(chunk)
                    if received > size:
                        fail("the index sends more than the %d bytes of the wheel" % size)
                    output.write(chunk)
                    output.flush()
                    print("received", received, size, flush=True)

        try:
            with context():
                session = open_session(options)
                candidates = find(options, session).find_all_candidates(package)
                links = [c.link for c in candidates if c.link.filename == name]
                if not links:
                    fail("pip finds no %s: its index cannot be reached or does not have it" % name)
                stated = [l for l in links if l.hash_name == "sha256"]
                if stated and all(l.hash != sha256 for l in stated):
                    fail("the index lists %s with sha256 %s, %s is expected" % (name, stated[0].hash, sha256))
                link = next((l for l in stated if l.hash == sha256), links[0])
                problem = "the connection ended early"
                for attempt in range(5):
                    if have() >= size:
                        break
                    try:
                        receive(session, link.url_without_fragment)
                    except (OSError, EOFError) as error:
                        problem = error
                    except Exception as error:
                        if not type(error).__module__.startswith("pip._vendor.urllib3"):
                            raise
                        problem = error
                if have() < size:
                    fail(problem)
        except (AttributeError, TypeError, ImportError):
            sys.exit(3)
        except Exception as error:
            fail(error)
        """#
}
