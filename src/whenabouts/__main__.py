"""`python -m whenabouts` is the command `whenabouts`."""

from whenabouts.app.cli import main

if __name__ == "__main__":
    main()
